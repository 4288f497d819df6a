// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IUniswapV3Factory} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IPoolManager} from "@uniswap/v4-core/src/interfaces/IPoolManager.sol";
import {IUnlockCallback} from "@uniswap/v4-core/src/interfaces/callback/IUnlockCallback.sol";
import {BalanceDelta} from "@uniswap/v4-core/src/types/BalanceDelta.sol";
import {Currency} from "@uniswap/v4-core/src/types/Currency.sol";
import {PoolKey} from "@uniswap/v4-core/src/types/PoolKey.sol";
import {ModifyLiquidityParams} from "@uniswap/v4-core/src/types/PoolOperation.sol";
import {IUniswapV2Factory, IUniswapV2Pair} from "./UniswapV2.sol";

/// @title The first liquidity provider of the local chain: many positions in one transaction
/// @notice Pays from its own balance whoever asks. Never for a real chain.
contract Seeder is IUnlockCallback {
    using SafeERC20 for IERC20;

    /// @notice One position: `liquidity` between two ticks
    struct Position {
        int24 lower;
        int24 upper;
        uint128 liquidity;
    }

    IUniswapV2Factory private immutable _V2;
    IUniswapV3Factory private immutable _V3;
    IPoolManager private immutable _V4;

    constructor(IUniswapV2Factory v2, IUniswapV3Factory v3, IPoolManager v4) {
        (_V2, _V3, _V4) = (v2, v3, v4);
    }

    receive() external payable {}

    /// @notice Creates a V2 pair and gives it its reserves
    function seedV2(IERC20 token0, IERC20 token1, uint256 amount0, uint256 amount1) external returns (address pair) {
        pair = _V2.createPair(address(token0), address(token1));
        token0.safeTransfer(pair, amount0);
        token1.safeTransfer(pair, amount1);
        IUniswapV2Pair(pair).mint(address(this));
    }

    /// @notice Creates a V3 pool at a price
    function createV3(
        address token0,
        address token1,
        uint24 fee,
        uint160 sqrtPriceX96
    ) external returns (address pool) {
        pool = _V3.createPool(token0, token1, fee);
        IUniswapV3Pool(pool).initialize(sqrtPriceX96);
    }

    /// @notice Mints positions in a V3 pool
    function mintV3(IUniswapV3Pool pool, Position[] calldata positions) external {
        bytes memory tokens = abi.encode(pool.token0(), pool.token1());
        for (uint256 i = 0; i < positions.length; i++) {
            pool.mint(address(this), positions[i].lower, positions[i].upper, positions[i].liquidity, tokens);
        }
    }

    /// @notice Mints positions in a V4 pool
    function mintV4(PoolKey calldata key, Position[] calldata positions) external {
        _V4.unlock(abi.encode(key, positions));
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        (IERC20 token0, IERC20 token1) = abi.decode(data, (IERC20, IERC20));
        if (owed0 > 0) token0.safeTransfer(msg.sender, owed0);
        if (owed1 > 0) token1.safeTransfer(msg.sender, owed1);
    }

    /// @inheritdoc IUnlockCallback
    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (PoolKey memory key, Position[] memory positions) = abi.decode(data, (PoolKey, Position[]));
        int256 owed0 = 0;
        int256 owed1 = 0;
        for (uint256 i = 0; i < positions.length; i++) {
            (BalanceDelta delta, ) = _V4.modifyLiquidity(
                key,
                ModifyLiquidityParams(
                    positions[i].lower,
                    positions[i].upper,
                    int256(uint256(positions[i].liquidity)),
                    0
                ),
                ""
            );
            owed0 -= delta.amount0();
            owed1 -= delta.amount1();
        }
        if (owed0 > 0) _settle(key.currency0, uint256(owed0));
        if (owed1 > 0) _settle(key.currency1, uint256(owed1));
        return "";
    }

    function _settle(Currency currency, uint256 amount) private {
        if (currency.isAddressZero()) {
            _V4.settle{value: amount}();
            return;
        }
        _V4.sync(currency);
        IERC20(Currency.unwrap(currency)).safeTransfer(address(_V4), amount);
        _V4.settle();
    }
}
