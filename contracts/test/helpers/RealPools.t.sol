// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {IPoolManager, IWrappedEther} from "../../verbs/UniswapV4.sol";

/// @notice A token that anyone may mint.
contract TestToken is ERC20 {
    constructor(string memory symbol) ERC20(symbol, symbol) {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

interface IMintable {
    function mint(address to, uint256 amount) external;
}

interface IUniswapV2Factory {
    function createPair(address tokenA, address tokenB) external returns (address pair);
    function getPair(address tokenA, address tokenB) external view returns (address pair);
}

interface IUniswapV2PairMint {
    function mint(address to) external returns (uint256 liquidity);
}

interface IUniswapV3Factory {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}

interface IUniswapV3PoolMint {
    function initialize(uint160 sqrtPriceX96) external;
    function mint(
        address recipient,
        int24 tickLower,
        int24 tickUpper,
        uint128 amount,
        bytes calldata data
    ) external returns (uint256 amount0, uint256 amount1);
}

interface IPoolManagerMint is IPoolManager {
    struct ModifyLiquidityParams {
        int24 tickLower;
        int24 tickUpper;
        int256 liquidityDelta;
        bytes32 salt;
    }

    function initialize(PoolKey memory key, uint160 sqrtPriceX96) external returns (int24 tick);
    function modifyLiquidity(
        PoolKey memory key,
        ModifyLiquidityParams memory params,
        bytes calldata hookData
    ) external returns (int256 callerDelta, int256 feesAccrued);
}

/// @notice The real bytecode of the AMMs at their mainnet addresses, and pools in them.
abstract contract RealPools is Test {
    IUniswapV2Factory internal constant V2 = IUniswapV2Factory(0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f);
    IUniswapV3Factory internal constant V3 = IUniswapV3Factory(0x1F98431c8aD98523631AE4a59f267346ea31F984);
    IPoolManagerMint internal constant V4 = IPoolManagerMint(0x000000000004444c5dc75cB358380D2e3dE08A90);
    IWrappedEther internal constant WETH = IWrappedEther(0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2);
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

    uint160 internal constant PRICE_ONE = 2 ** 96;
    uint24 internal constant FEE = 3000;
    int24 internal constant SPACING = 60;
    int24 internal constant LAST_TICK = 887220;

    function deployVenues() internal {
        deployAt(address(WETH), jsonBytes("canonical-weth/build/contracts/WETH9.json", ".bytecode"));
        bytes memory v2 = jsonBytes("@uniswap/v2-core/build/UniswapV2Factory.json", ".bytecode");
        deployAt(address(V2), abi.encodePacked(v2, abi.encode(address(0))));
        string memory v3 = "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
        deployAt(address(V3), jsonBytes(v3, ".bytecode"));
        string memory v4 = "@uniswap/v4-periphery/foundry-out/PoolManager.sol/PoolManager.default.json";
        deployAt(address(V4), abi.encodePacked(jsonBytes(v4, ".bytecode.object"), abi.encode(address(this))));
        vm.etch(PERMIT2, permit2Code());
    }

    /// @dev Runs the constructor at the address, so that immutables and storage are those of a deployment there.
    function deployAt(address where, bytes memory creation) internal {
        vm.etch(where, creation);
        (bool isDone, bytes memory runtime) = where.call("");
        require(isDone && runtime.length > 0, vm.toString(where));
        vm.etch(where, runtime);
    }

    function jsonBytes(string memory path, string memory key) internal view returns (bytes memory) {
        string memory json = vm.readFile(string.concat("node_modules/", path));
        string memory text = vm.parseJsonString(json, key);
        bool isPrefixed = bytes(text).length > 1 && bytes(text)[1] == "x";
        return vm.parseBytes(isPrefixed ? text : string.concat("0x", text));
    }

    /// @dev The package has the runtime code, with mainnet's immutables; elsewhere it computes its domain anew.
    function permit2Code() internal view returns (bytes memory) {
        string memory path = "node_modules/@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol";
        string memory quote = string(hex"22");
        string memory rest = vm.split(vm.readFile(path), string.concat("hex", quote))[1];
        return vm.parseBytes(string.concat("0x", vm.split(rest, quote)[0]));
    }

    function addV2(address tokenA, address tokenB, uint256 reserve) internal returns (address pair) {
        pair = V2.getPair(tokenA, tokenB);
        if (pair == address(0)) pair = V2.createPair(tokenA, tokenB);
        give(tokenA, pair, reserve);
        give(tokenB, pair, reserve);
        IUniswapV2PairMint(pair).mint(address(this));
    }

    function addV3(address tokenA, address tokenB, uint24 fee, uint128 liquidity) internal returns (address pool) {
        return addV3(tokenA, tokenB, fee, liquidity, fee == 500 ? int24(887270) : LAST_TICK);
    }

    /// @dev Liquidity from -`last` to `last`, and none beyond.
    function addV3(
        address tokenA,
        address tokenB,
        uint24 fee,
        uint128 liquidity,
        int24 last
    ) internal returns (address pool) {
        pool = V3.createPool(tokenA, tokenB, fee);
        IUniswapV3PoolMint(pool).initialize(PRICE_ONE);
        (address token0, address token1) = tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
        IUniswapV3PoolMint(pool).mint(address(this), -last, last, liquidity, abi.encode(token0, token1));
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        (address token0, address token1) = abi.decode(data, (address, address));
        give(token0, msg.sender, owed0);
        give(token1, msg.sender, owed1);
    }

    function addV4(
        address currencyA,
        address currencyB,
        int256 liquidity
    ) internal returns (IPoolManager.PoolKey memory key) {
        (address currency0, address currency1) = currencyA < currencyB
            ? (currencyA, currencyB)
            : (currencyB, currencyA);
        key = IPoolManager.PoolKey(currency0, currency1, FEE, SPACING, address(0));
        V4.initialize(key, PRICE_ONE);
        V4.unlock(abi.encode(key, liquidity));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (IPoolManager.PoolKey memory key, int256 liquidity) = abi.decode(data, (IPoolManager.PoolKey, int256));
        IPoolManagerMint.ModifyLiquidityParams memory params = IPoolManagerMint.ModifyLiquidityParams(
            -LAST_TICK,
            LAST_TICK,
            liquidity,
            0
        );
        (int256 delta, ) = V4.modifyLiquidity(key, params, "");
        settleV4(key.currency0, uint256(-(delta >> 128)));
        settleV4(key.currency1, uint256(-int256(int128(delta))));
        return "";
    }

    function settleV4(address currency, uint256 owed) private {
        if (currency == address(0)) {
            vm.deal(address(this), owed);
            V4.settle{value: owed}();
        } else {
            V4.sync(currency);
            give(currency, address(V4), owed);
            V4.settle();
        }
    }

    /// @dev New tokens out of nothing; wrapped ether out of new ether.
    function give(address token, address to, uint256 amount) internal {
        if (token != address(WETH)) return IMintable(token).mint(to, amount);
        vm.deal(address(this), amount);
        WETH.deposit{value: amount}();
        IERC20(token).transfer(to, amount);
    }
}
