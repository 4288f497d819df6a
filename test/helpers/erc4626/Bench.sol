// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A token of any decimals that everybody may mint.
contract BenchAsset is ERC20 {
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) ERC20("Bench", "B") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice OpenZeppelin's vault with a given offset, a limit of deposits (0 for none) and a fee (0 for none).
contract BenchVault is ERC4626 {
    uint8 private immutable _offset;
    uint256 private immutable _cap;
    uint256 private immutable _feeBps;

    constructor(IERC20 asset_, uint8 offset_, uint256 cap, uint256 feeBps) ERC4626(asset_) ERC20("Vault", "V") {
        (_offset, _cap, _feeBps) = (offset_, cap, feeBps);
    }

    function maxDeposit(address) public view override returns (uint256) {
        if (_cap == 0) return type(uint256).max;
        return _cap > totalAssets() ? _cap - totalAssets() : 0;
    }

    function maxMint(address receiver) public view override returns (uint256) {
        uint256 most = maxDeposit(receiver);
        return most == type(uint256).max ? most : _convertToShares(most, Math.Rounding.Floor);
    }

    function previewRedeem(uint256 shares) public view override returns (uint256) {
        uint256 assets = super.previewRedeem(shares);
        return assets - (assets * _feeBps) / 10_000;
    }

    function _decimalsOffset() internal view override returns (uint8) {
        return _offset;
    }
}

/// @notice The same without virtual shares, as older vaults divide.
contract PlainVault is BenchVault {
    using Math for uint256;

    constructor(IERC20 asset_) BenchVault(asset_, 0, 0, 0) {}

    function _convertToShares(uint256 assets, Math.Rounding rounding) internal view override returns (uint256) {
        return totalSupply() == 0 ? assets : assets.mulDiv(totalSupply(), totalAssets(), rounding);
    }

    function _convertToAssets(uint256 shares, Math.Rounding rounding) internal view override returns (uint256) {
        return totalSupply() == 0 ? shares : shares.mulDiv(totalAssets(), totalSupply(), rounding);
    }
}

/// @notice Asks a vault what it does with swaps, and leaves no trace. It must hold the shares that it redeems.
contract Bench {
    struct Asked {
        /// True for the asset in and shares out.
        bool wraps;
        bool isExactIn;
        uint256 amount;
    }

    struct Answer {
        bool ok;
        /// What the other side of the swap came to.
        uint256 other;
        uint256 totalAssets;
        uint256 totalSupply;
        uint256 gasUsed;
    }

    error Done(Answer answer);

    function deposit(ERC4626 vault, uint256 amount) external {
        BenchAsset(vault.asset()).mint(address(this), amount);
        BenchAsset(vault.asset()).approve(address(vault), amount);
        vault.deposit(amount, address(this));
    }

    function tryAll(ERC4626 vault, Asked[] calldata asked) external returns (Answer[] memory answers) {
        answers = new Answer[](asked.length);
        for (uint256 i = 0; i < asked.length; i++) {
            try this.run(vault, asked[i]) {} catch (bytes memory reason) {
                if (bytes4(reason) != Done.selector) continue;
                bytes memory words = new bytes(reason.length - 4);
                for (uint256 j = 0; j < words.length; j++) words[j] = reason[j + 4];
                answers[i] = abi.decode(words, (Answer));
            }
        }
    }

    function run(ERC4626 vault, Asked calldata asked) external {
        BenchAsset asset = BenchAsset(vault.asset());
        asset.mint(address(this), type(uint128).max);
        asset.approve(address(vault), type(uint256).max);
        uint256 before = gasleft();
        uint256 other =
            asked.wraps
                ? (
                    asked.isExactIn
                        ? vault.deposit(asked.amount, address(this))
                        : vault.mint(asked.amount, address(this))
                )
                : (
                    asked.isExactIn
                        ? vault.redeem(asked.amount, address(this), address(this))
                        : vault.withdraw(asked.amount, address(this), address(this))
                );
        uint256 used = before - gasleft();
        revert Done(Answer(true, other, vault.totalAssets(), vault.totalSupply(), used));
    }
}
